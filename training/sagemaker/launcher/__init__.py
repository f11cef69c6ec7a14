"""Launcher of SageMaker training jobs: starts a job, follows its log and downloads its bundle."""
