"""Airflow as a servant: configured, started, asked and stopped by this project, and invisible until it is needed."""
