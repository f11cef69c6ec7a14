"""CodeDeploy for Lambda: shifts an alias from one version of a function to another, and back on alarms."""
