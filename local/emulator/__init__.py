"""The emulator's process: an ASGI server with MiniStack, SageMaker and additional CloudFormation types."""
