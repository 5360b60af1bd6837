"""Thin Airflow DAGs, found here by Airflow. They say what waits for what; every deed is another room's."""
