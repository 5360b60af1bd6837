"""What every room shares: settings, database, catalogue, ledger, releases, and the `promise` command."""
