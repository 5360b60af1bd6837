"""The ground: settings, errors, database, ledger, catalogue, vocabulary. Every room stands on it; it imports none."""
