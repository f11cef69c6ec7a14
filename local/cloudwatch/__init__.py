"""CloudWatch of the emulator: metrics of the AWS services, and alarms that a clock evaluates."""
