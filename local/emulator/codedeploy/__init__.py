"""CodeDeploy in the emulator: its API, its CloudFormation types, and updates of aliases by it."""
