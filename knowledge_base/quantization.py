"""Unit vectors in nine bits a coordinate: a byte of each, then the bits below the bytes."""

import numpy as np
from numpy.typing import NDArray

# The largest coordinate lies in the middle of the outermost of 510 steps, so that coding again changes nothing.
LARGEST = 127.25


def quantize(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The codes of unit vectors. Shapes: (n, d) → (n, d + ⌈d / 8⌉).

    A coordinate in steps is its byte, half of its bit, and a quarter, the step's middle. The step's size is not kept:
    it follows from the length, which is one, and so loses less than the size that was used (docs/experiments.md).
    """
    levels = _levels(vectors).astype(np.int16)
    high = (levels >> 1).astype(np.int8).view(np.uint8)
    return np.concatenate([high, np.packbits((levels & 1).astype(bool), axis=1)], axis=1)


def vectors_of(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The unit vectors of codes. Shapes: (n, d + ⌈d / 8⌉) → (n, d)."""
    return decoded(codes)[0]


def rounded(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """What unit vectors are once they were codes, without making these. Shapes: (n, d) → (n, d).

    Vectors in half precision that were codes before give these codes' vectors to the last bit: half a step is eight
    times what half precision loses.
    """
    # A level's middle is the coordinate's size but for a factor, which follows from the length.
    middles = _levels(vectors)
    middles += np.float32(0.5)
    middles *= _scales(middles)[:, None]
    return middles


def decoded(codes: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The unit vectors of codes, and the sizes of their steps. Shapes: (n, d + ⌈d / 8⌉) → (n, d), (n,)."""
    vectors = _in_steps(codes)
    sizes = _scales(vectors)
    vectors *= sizes[:, None]
    return vectors, sizes


def scales(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The sizes of codes' steps. Shapes: (n, d + ⌈d / 8⌉) → (n,)."""
    return _scales(_in_steps(codes))


def cosines(codes: NDArray[np.uint8], sizes: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosines of codes' vectors, whose steps' sizes are these, and a unit query. Shapes: …, (n,), (d,) → (n,)."""
    high, low = _parts(codes)
    products = high.astype(np.float32) @ query + low.astype(np.float32) @ (query / 2) + query.sum() / 4
    return np.asarray(products * sizes, np.float32)


def _levels(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coordinates in half steps, rounded down. Shapes: (n, d) → (n, d)."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    levels = vectors * (2 * LARGEST / np.maximum(largest, np.finfo(np.float32).eps))
    return np.asarray(np.floor(levels, out=levels), np.float32)


def _parts(codes: NDArray[np.uint8]) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    """The bytes and the bits of coordinates. Shapes: (n, d + ⌈d / 8⌉) → (n, d), (n, d)."""
    dimension = codes.shape[1] * 8 // 9
    return codes[:, :dimension].view(np.int8), np.unpackbits(codes[:, dimension:], axis=1, count=dimension)


def _in_steps(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    high, low = _parts(codes)
    coordinates = high.astype(np.float32)
    coordinates += low * np.float32(0.5)
    coordinates += np.float32(0.25)
    return coordinates


def _scales(coordinates: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / np.sqrt(np.einsum("nd,nd->n", coordinates, coordinates)), np.float32)
