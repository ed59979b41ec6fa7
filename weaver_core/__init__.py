"""The attention-retrieval model: encoder, attention read, retrieval, calibration. Knows no SQL and no HTTP."""
