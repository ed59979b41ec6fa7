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
