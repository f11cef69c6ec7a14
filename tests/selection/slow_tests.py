"""Tests that `make test-fast` leaves out, besides those that have the marker `slow` themselves."""

# Fixtures that start AWS on this machine or synthesize stacks: their tests get the marker `slow`.
SLOW_FIXTURES = frozenset({"aws", "synthesizer"})
# And the tests of these folders and files: they start programs, read files of flights or fit models.
SLOW_PLACES = (
    "contract",
    "makefile",
    *("benchmarks/test_fronts.py", "image/test_manifest.py", "image/test_pip_settings.py"),
    "lambda_src/publisher/test_handler.py",
    "lambda_src/publisher/test_model_registry.py",
    "local/emulator/functions/execution/test_execution_environment.py",
    "local/processes",
    "local/sagemaker/updates",
    "scoring/test_command.py",
    "scoring/test_flight_files.py",
    "serving/test_pickle_protection.py",
    "serving/test_selfcheck.py",
    "stacks/functions/test_logged_state_machine.py",
    "stacks/gates/test_validation_plugins.py",
    "stacks/test_app.py",
    "stacks/test_several_models_api.py",
    "training/engines",
    "training/export/test_onnx_export.py",
    "training/export/test_parity_error.py",
    "training/fitting/test_calibrated_pipeline.py",
    "training/fitting/test_tuning.py",
    "training/flights/inbound/test_files.py",
    "training/flights/sources",
    "training/flights/test_cleaning.py",
    "training/flights/weather",
    "training/importing/test_pipelines.py",
    "training/importing/test_served.py",
    "training/importing/test_tools.py",
    "training/models/test_predictions.py",
    "training/report/test_better_baselines.py",
    "training/report/test_page.py",
    "training/test_skew.py",
)
