"""What the subcommands of `promise` do; `workbench.cli` is only their door."""
