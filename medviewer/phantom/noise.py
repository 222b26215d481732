"""Noise like a CT's: what a reconstruction kernel leaves, strongest at middle frequencies."""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def kernel(rows: int, columns: int, pixel_mm: float, cutoff_per_mm: float = 0.48) -> Plane:
    """Amplitude over frequencies (rows, columns // 2 + 1) of a medium kernel: a ramp that fades out, unit variance."""
    f = _frequencies(rows, columns, pixel_mm)
    return _unit(np.sqrt(f + 0.01) * np.exp(-((f / cutoff_per_mm) ** 2)), rows * columns)


def soft_kernel(rows: int, columns: int, pixel_mm: float, size_mm: float) -> Plane:
    """Amplitude over frequencies of a smooth texture with grains of about ``size_mm``, unit variance."""
    f = _frequencies(rows, columns, pixel_mm)
    return _unit(np.exp(-2.0 * (np.pi * f * size_mm / 2.355) ** 2), rows * columns)


def _frequencies(rows: int, columns: int, pixel_mm: float) -> NDArray[np.float64]:
    """Frequencies (cycles per mm) of a real transform over (rows, columns)."""
    across, down = np.fft.rfftfreq(columns, pixel_mm)[None, :], np.fft.fftfreq(rows, pixel_mm)[:, None]
    f: NDArray[np.float64] = np.hypot(across, down)
    return f


def _unit(amplitude: NDArray[np.float64], pixels: int) -> Plane:
    """Scale so that white noise of unit variance keeps it; all columns but the first stand for two frequencies."""
    twice = np.full(amplitude.shape[1], 2.0)
    twice[0] = 1.0
    scaled: Plane = (amplitude / np.sqrt((amplitude**2 * twice).sum() / pixels)).astype(np.float32)
    return scaled


def plane(rng: np.random.Generator, shape: tuple[int, int], amplitude: Plane) -> Plane:
    """Noise of unit variance (rows, columns) with the spectrum ``amplitude``."""
    from scipy import fft  # deferred: numpy's own transform would be double precision and twice as slow

    white = rng.standard_normal(shape, dtype=np.float32)
    out: Plane = fft.irfft2(fft.rfft2(white) * amplitude, shape)
    return out
