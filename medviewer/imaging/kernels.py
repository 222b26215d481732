"""Inner loops compiled by numba; import this file only when one is needed (the first time costs some seconds)."""

import numpy as np
from numba import njit

MEAN, MAX, MIN = 0, 1, 2


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def _inside(first, step, low, high, span):  # type: ignore[no-untyped-def]
    """Narrow ``span`` (x0, x1) to the x with low <= first + x * step <= high."""
    x0, x1 = span
    if abs(step) < 1e-9:
        return (x0, x1) if low <= first <= high else (0, 0)
    a, b = (low - first) / step, (high - first) / step
    return max(x0, int(np.ceil(min(a, b) - 1e-9))), min(x1, int(np.floor(max(a, b) + 1e-9)) + 1)


@njit(cache=True, nogil=True, fastmath=True)  # type: ignore[untyped-decorator, unused-ignore]
def sample_planes(  # type: ignore[no-untyped-def]  # noqa: PLR0917 - compiled code takes plain arguments
    voxels, first, down, right, layer, layers, mode, outside, out
):
    """Fill ``out`` int16 (rows, columns) from ``voxels`` int16 (k, j, i), C order, by trilinear interpolation.

    ``first`` is the index (k, j, i) of pixel (0, 0) on the first layer; ``down``, ``right``, ``layer`` are steps in
    (k, j, i). ``mode`` is MEAN, MAX or MIN of the layers. Half a voxel beyond the outermost centres is still inside.
    One long function on purpose: the row's inside part is found first so that the inner loop has nothing to ask.
    """
    nk, nj, ni = voxels.shape
    flat = voxels.reshape(-1)
    to_i = np.uintp(1 if ni > 1 else 0)
    to_j = np.uintp(ni if nj > 1 else 0)
    to_k = np.uintp(nj * ni if nk > 1 else 0)
    rows, columns = out.shape
    right_k, right_j, right_i = right[0], right[1], right[2]
    last_k, last_j, last_i = nk - 1.000001, nj - 1.000001, ni - 1.000001
    total, hits = np.empty(columns, np.float32), np.empty(columns, np.int32)
    for y in range(rows):
        total[:] = 0.0
        hits[:] = 0
        for n in range(layers):
            k0 = first[0] + y * down[0] + n * layer[0]
            j0 = first[1] + y * down[1] + n * layer[1]
            i0 = first[2] + y * down[2] + n * layer[2]
            span = _inside(k0, right_k, -0.5, nk - 0.5, (0, columns))
            span = _inside(j0, right_j, -0.5, nj - 0.5, span)
            span = _inside(i0, right_i, -0.5, ni - 0.5, span)
            for x in range(span[0], span[1]):
                k = min(max(k0 + x * right_k, 0.0), last_k)
                j = min(max(j0 + x * right_j, 0.0), last_j)
                i = min(max(i0 + x * right_i, 0.0), last_i)
                fk, fj, fi = np.float32(k - int(k)), np.float32(j - int(j)), np.float32(i - int(i))
                at = np.uintp((int(k) * nj + int(j)) * ni + int(i))
                below = at + to_k
                a = flat[at] + (np.float32(flat[at + to_i]) - flat[at]) * fi
                b = flat[at + to_j] + (np.float32(flat[at + to_j + to_i]) - flat[at + to_j]) * fi
                c = flat[below] + (np.float32(flat[below + to_i]) - flat[below]) * fi
                d = flat[below + to_j] + (np.float32(flat[below + to_j + to_i]) - flat[below + to_j]) * fi
                front, back = a + (b - a) * fj, c + (d - c) * fj
                value = front + (back - front) * fk
                if mode == 0:
                    total[x] += value
                elif hits[x] == 0:
                    total[x] = value
                elif mode == 1:
                    total[x] = max(total[x], value)
                else:
                    total[x] = min(total[x], value)
                hits[x] += 1
        for x in range(columns):
            value = total[x] / max(hits[x], 1) if mode == 0 else total[x]
            out[y, x] = np.int16(np.rint(value)) if hits[x] else outside
