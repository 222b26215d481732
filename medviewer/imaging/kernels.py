"""Inner loops compiled by numba; import this file only when one is needed (the first time costs some seconds).

Rows are worked off in short pieces, each by a few plain loops over small arrays: the compiler turns those into vector
instructions, which it cannot do where one loop both finds an address and reads from it. Two neighbours along i are
read as one 32-bit number (``pairs``), which halves the reads.
"""

from typing import Any

import numpy as np
from numba import njit

MEAN, MAX, MIN = 0, 1, 2
_PIECE = 256  # pixels at a time: everything between the loops stays in the nearest cache
_FAR = 1e9  # beyond every voxel
_compiled: Any = njit(cache=True, nogil=True, fastmath=True, error_model="numpy")


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def _inside(first, step, low, high, span):  # type: ignore[no-untyped-def]
    """Narrow ``span`` (x0, x1) to the x with low <= first + x * step <= high."""
    x0, x1 = span
    if abs(step) < 1e-9:
        return (x0, x1) if low <= first <= high else (0, 0)
    a, b = (low - first) / step, (high - first) / step
    return max(x0, int(np.ceil(min(a, b) - 1e-9))), min(x1, int(np.floor(max(a, b) + 1e-9)) + 1)


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def _address(first, step, ramp, size, stride, at, part):  # type: ignore[no-untyped-def]  # noqa: PLR0917 - plain arguments
    """Add to the addresses ``at`` what one axis gives at first + step * ramp; the fraction goes to ``part``."""
    last = max(size - 1.000001, 0.0)
    for x in range(at.size):
        place = min(max(first + step * ramp[x], 0.0), last)
        whole = np.int32(place)
        part[x] = np.float32(place - whole)
        at[x] += np.int64(whole) * stride


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def _read(pairs, at, to_j, to_k, four):  # type: ignore[no-untyped-def]
    """Read the pairs at k and j, at the next j, at the next k, and at both, into the rows of ``four``."""
    p, q, r, s = four[0], four[1], four[2], four[3]
    for x in range(at.size):
        a = np.uint64(at[x])
        p[x], q[x] = pairs[a], pairs[a + to_j]
        r[x], s[x] = pairs[a + to_k], pairs[a + to_k + to_j]


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def _between(p, q, part_i, part_j, value):  # type: ignore[no-untyped-def]
    """Interpolate along i within the pairs ``p`` and ``q``, then along j between them."""
    for x in range(value.size):
        p0, p1 = np.float32(np.int16(p[x])), np.float32(np.int32(p[x] >> 16))
        q0, q1 = np.float32(np.int16(q[x])), np.float32(np.int32(q[x] >> 16))
        a, b = p0 + (p1 - p0) * part_i[x], q0 + (q1 - q0) * part_i[x]
        value[x] = a + (b - a) * part_j[x]


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def _blend(mode, front, back, part_k, taken, total, hits):  # type: ignore[no-untyped-def]  # noqa: PLR0917 - plain arguments
    """Interpolate along k, and blend what is ``taken`` (1 or 0) into ``total``."""
    for x in range(total.size):
        value = front[x] + (back[x] - front[x]) * part_k[x]
        if mode == MEAN:
            total[x] += value * taken[x]
        elif mode == MAX:
            total[x] = max(total[x], value if taken[x] else -_FAR)
        else:
            total[x] = min(total[x], value if taken[x] else _FAR)
        hits[x] += taken[x]


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def _begin(mode, total, hits):  # type: ignore[no-untyped-def]
    """Make a row ready for its first layer."""
    total[:] = 0.0 if mode == MEAN else (-_FAR if mode == MAX else _FAR)
    hits[:] = 0


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def _end(mode, total, hits, outside, out):  # type: ignore[no-untyped-def]
    """Write a row once all layers are in it."""
    for x in range(out.size):
        value = total[x] / max(hits[x], 1) if mode == MEAN else total[x]
        out[x] = np.int16(np.rint(value)) if hits[x] else outside


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def _was_read(ready, first, step, ramp, taken):  # type: ignore[no-untyped-def]
    """Do not take places whose slices have not both been read; ``ready`` is 1 or 0 for each slice."""
    most = ready.size - 1
    for x in range(taken.size):
        k = int(min(max(first + step * ramp[x], 0.0), most))
        beyond = first + step * ramp[x] > k
        if not ready[k] or (beyond and not ready[min(k + 1, most)]):
            taken[x] = 0


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def _within(first, step, ramp, size, taken):  # type: ignore[no-untyped-def]
    """Do not take places that are more than half a voxel beyond the outermost centres of one axis."""
    for x in range(taken.size):
        place = first + step * ramp[x]
        if place < -0.5 or place > size - 0.5:
            taken[x] = 0


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def sample_planes(  # type: ignore[no-untyped-def]  # noqa: PLR0917 - plain arguments
    pairs, shape, ready, first, down, right, layer, layers, mode, outside, out
):
    """Fill ``out`` int16 (rows, columns) from a volume of ``shape`` (k, j, i) by trilinear interpolation.

    ``pairs`` int32: element n holds voxels n and n + 1 of the flat C-ordered int16 volume. ``first`` is the index
    (k, j, i) of pixel (0, 0) on the first layer; ``down``, ``right``, ``layer`` are steps in (k, j, i). ``mode`` is
    MEAN, MAX or MIN of the layers. Half a voxel beyond the outermost centres is still inside; slices whose ``ready``
    is 0 are left out.
    """
    nk, nj, ni = shape
    to_j, to_k = np.uint64(ni if nj > 1 else 0), np.uint64(nj * ni if nk > 1 else 0)
    rows, columns = out.shape
    whole = bool(np.all(ready))
    total, hits, taken = np.empty(columns, np.float32), np.empty(columns, np.int32), np.ones(columns, np.int32)
    at, four = np.empty(_PIECE, np.int64), np.empty((4, _PIECE), np.int32)
    part, value = np.empty((3, _PIECE), np.float32), np.empty((2, _PIECE), np.float32)
    ramp = np.arange(columns).astype(np.float64)
    for y in range(rows):
        _begin(mode, total, hits)
        for n in range(layers):
            k0 = first[0] + y * down[0] + n * layer[0]
            j0 = first[1] + y * down[1] + n * layer[1]
            i0 = first[2] + y * down[2] + n * layer[2]
            span = _inside(k0, right[0], -0.5, nk - 0.5, (0, columns))
            span = _inside(j0, right[1], -0.5, nj - 0.5, span)
            span = _inside(i0, right[2], -0.5, ni - 0.5, span)
            for x0 in range(span[0], span[1], _PIECE):
                x1 = min(span[1], x0 + _PIECE)
                m, along = x1 - x0, ramp[x0:x1]
                at[:m] = 0
                _address(k0, right[0], along, nk, nj * ni, at[:m], part[0])
                _address(j0, right[1], along, nj, ni, at[:m], part[1])
                _address(i0, right[2], along, ni, 1, at[:m], part[2])
                _read(pairs, at[:m], to_j, to_k, four)
                _between(four[0], four[1], part[2], part[1], value[0, :m])
                _between(four[2], four[3], part[2], part[1], value[1, :m])
                if not whole:
                    taken[x0:x1] = 1
                    _was_read(ready, k0, right[0], along, taken[x0:x1])
                _blend(mode, value[0], value[1], part[0], taken[x0:x1], total[x0:x1], hits[x0:x1])
        _end(mode, total, hits, outside, out[y])


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def sample_columns(  # type: ignore[no-untyped-def]  # noqa: PLR0917 - plain arguments
    pairs, shape, ready, tops, first, down, mode, outside, out
):
    """Fill ``out`` as ``sample_planes`` does, from a surface bent along its columns.

    ``tops`` float64 (layers, 3, columns) is the index (k, j, i) of each column's beginning on each layer; row y is
    ``first`` + y steps ``down`` from there.
    """
    nk, nj, ni = shape
    to_j, to_k = np.uint64(ni if nj > 1 else 0), np.uint64(nj * ni if nk > 1 else 0)
    rows, columns = out.shape
    total, hits, taken = np.empty(columns, np.float32), np.empty(columns, np.int32), np.ones(columns, np.int32)
    at, four = np.empty(columns, np.int64), np.empty((4, columns), np.int32)
    part, value = np.empty((3, columns), np.float32), np.empty((2, columns), np.float32)
    for y in range(rows):
        _begin(mode, total, hits)
        k0, j0, i0 = (first + y) * down[0], (first + y) * down[1], (first + y) * down[2]
        for n in range(tops.shape[0]):
            k, j, i = tops[n, 0], tops[n, 1], tops[n, 2]
            at[:], taken[:] = 0, 1
            _within(k0, 1.0, k, nk, taken)
            _within(j0, 1.0, j, nj, taken)
            _within(i0, 1.0, i, ni, taken)
            _was_read(ready, k0, 1.0, k, taken)
            _address(k0, 1.0, k, nk, nj * ni, at, part[0])
            _address(j0, 1.0, j, nj, ni, at, part[1])
            _address(i0, 1.0, i, ni, 1, at, part[2])
            _read(pairs, at, to_j, to_k, four)
            _between(four[0], four[1], part[2], part[1], value[0])
            _between(four[2], four[3], part[2], part[1], value[1])
            _blend(mode, value[0], value[1], part[0], taken, total, hits)
        _end(mode, total, hits, outside, out[y])


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def blend_rows(flat, row_step, layer_step, layers, rows, mode, out):  # type: ignore[no-untyped-def]  # noqa: PLR0917 - plain arguments
    """Blend whole rows of a volume: row y of ``out`` from the runs of voxels at y * row_step + n * layer_step.

    ``flat`` is the int16 volume in C order, ``layers`` the n to blend, at least one; ``rows`` (first, end) is filled.
    """
    columns = out.shape[1]
    total = np.empty(columns, np.int32)
    for y in range(rows[0], rows[1]):
        total[:] = 0 if mode == MEAN else (-32768 if mode == MAX else 32767)
        for n in layers:
            start = y * row_step + n * layer_step
            run = flat[start : start + columns]
            if mode == MEAN:
                for x in range(columns):
                    total[x] += run[x]
            elif mode == MAX:
                for x in range(columns):
                    total[x] = max(total[x], np.int32(run[x]))
            else:
                for x in range(columns):
                    total[x] = min(total[x], np.int32(run[x]))
        if mode == MEAN:
            for x in range(columns):
                out[y, x] = np.int16(np.rint(total[x] / layers.size))
        else:
            for x in range(columns):
                out[y, x] = total[x]


@_compiled  # type: ignore[untyped-decorator, unused-ignore]
def blend_runs(voxels, low, high, rows, mode, out):  # type: ignore[no-untyped-def]  # noqa: PLR0917 - plain arguments
    """Blend along i: pixel (k, j) of ``out`` from voxels low to high (not included); ``rows`` as in blend_rows."""
    for k in range(rows[0], rows[1]):
        for j in range(voxels.shape[1]):
            run = voxels[k, j, low:high]
            if mode == MEAN:
                total = np.int32(0)
                for x in range(run.size):
                    total += run[x]
                out[k, j] = np.int16(np.rint(total / run.size))
            elif mode == MAX:
                most = run[0]
                for x in range(run.size):
                    most = max(most, run[x])
                out[k, j] = most
            else:
                least = run[0]
                for x in range(run.size):
                    least = min(least, run[x])
                out[k, j] = least
