"""What can go wrong in the model, in domain words."""


class ModelError(Exception):
    """Base of every error of this package. Its text is one sentence that may be shown to an operator."""


class EncoderNotFoundError(ModelError):
    """No encoder has this name."""


class EncoderDamagedError(ModelError):
    """An encoder's files are not what they should be: missing, cut short, or with a wrong checksum."""


class NoTokensError(ModelError):
    """A tokenizer makes nothing of a text, so that there is nothing to encode."""


class DecoderDamagedError(ModelError):
    """A trained decoder's files are not what was written: missing, cut short, of other shapes, or no numbers."""


class DecoderMismatchError(ModelError):
    """A decoder was trained on the token states of another encoder."""


class CheckpointError(ModelError):
    """Base of what can be wrong with a checkpoint: trained weights in a folder of their own."""


class CheckpointCutShortError(CheckpointError):
    """A file of a checkpoint is missing or ends before its contents do."""


class CheckpointChecksumError(CheckpointError):
    """A checkpoint's weights are not those that its configuration was written with."""


class CheckpointNotFiniteError(CheckpointError):
    """A checkpoint holds weights that are not finite numbers."""


class CheckpointShapeError(CheckpointError):
    """A checkpoint's weights do not have the shapes of what they would change."""


class CheckpointOfAnotherEncoderError(CheckpointError):
    """A checkpoint was trained on another encoder, or on other weights of it."""


class EvidenceError(ModelError):
    """There is nothing to learn from, or a line of it cannot be read."""


class TrainingFailedError(ModelError):
    """A training run ended without a checkpoint."""


class HeadDamagedError(ModelError):
    """A head's stored parameters, or its labelled texts, are not what they should be."""


class OtherEncoderError(ModelError):
    """Something was fitted on the vectors of another encoder than the one at hand."""


class WrongVectorsError(ModelError):
    """Vectors have another shape than expected, or are not finite."""


class PropensityError(ModelError):
    """What was shown is logged with a probability that is none above 0."""
