"""What the subcommands of `promise` do; `promise.cli` is only their door."""
