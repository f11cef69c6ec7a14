"""Quotas of Lambda: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""

# Payload of a synchronous and of an asynchronous invocation.
MAX_REQUEST_BYTES = 6 * 1024 * 1024
MAX_EVENT_BYTES = 1024 * 1024
# Lambda accepts 100 bytes more in a response than in a request; its message has this number.
MAX_RESPONSE_BYTES = MAX_REQUEST_BYTES + 100

MAX_ENVIRONMENT_BYTES = 4096
MAX_TIMEOUT_SECONDS = 900
MAX_MEMORY_MB = 10_240
MAX_STORAGE_MB = 10_240
MAX_LAYERS = 5
MAX_NAME_LENGTH = 64
# Of the policy with the permissions of a function's callers.
MAX_POLICY_BYTES = 20_480

DEFAULT_STORAGE_MB = 512

# Of an account in a Region; the second stays for functions without reserved concurrency.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
ACCOUNT_CONCURRENCY = 1000
MIN_UNRESERVED_CONCURRENCY = 100

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
INIT_SECONDS = 10.0
# Of a function with an internal extension.
SHUTDOWN_SECONDS = 0.5
