"""The attention-retrieval model: encoder, attention read, retrieval, calibration. Knows no SQL and no HTTP."""

import os

# ONNX Runtime tells its makers which models it runs, unless it is told not to before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
