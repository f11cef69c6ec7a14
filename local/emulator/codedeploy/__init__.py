"""CodeDeploy in the emulator: its CloudFormation types, and updates of aliases by it."""
