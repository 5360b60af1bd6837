"""What stakeholders look at: dashboards in Metabase and the static site. Both read `marts` and nothing else."""
