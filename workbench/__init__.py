"""What a person types: the `promise` command, its subcommands and the tools behind them. It may know every room."""
