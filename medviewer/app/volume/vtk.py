"""The only file that knows VTK: from voxels, camera and transfer function to a picture.

On a CPU VTK's fixed-point ray caster is asked step by step and its own picture is read, so that no OpenGL is needed.
Import it only in a process of its own: VTK holds Python's lock while it works, and graphics drivers may crash.
"""

import ctypes
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401 - the ray caster is made by its factory
from numpy.typing import NDArray
from vtkmodules.util import numpy_support
from vtkmodules.vtkCommonCore import vtkObject, vtkUnsignedCharArray
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction, vtkPlane
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import (
    vtkColorTransferFunction,
    vtkLight,
    vtkRenderer,
    vtkRenderWindow,
    vtkVolume,
    vtkVolumeProperty,
)
from vtkmodules.vtkRenderingOpenGL2 import vtkGenericOpenGLRenderWindow
from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper
from vtkmodules.vtkRenderingVolumeOpenGL2 import vtkOpenGLGPUVolumeRayCastMapper

from medviewer.app.volume.copy import Copy
from medviewer.app.volume.messages import FULL, ROUGH, SMOOTH, Wanted
from medviewer.app.volume.presets import Transfer

STEPS = {ROUGH: 1.2, SMOOTH: 0.5, FULL: 0.5}  # between samples, in voxels
AWAY_MM = 4000.0
SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software", "gdi generic", "basic render")
GPU_FILES = ("/dev/dri", "/dev/nvidiactl", "/dev/dxg")
MOST_GPU_BYTES = 1 << 30
_support: Any = numpy_support  # without type hints
_PLACE = re.compile(r"_?(?:0x)?([0-9a-fA-F]+)_p_")
Stop = Callable[[], bool]
Pixels = NDArray[np.uint8]


def threads() -> int:
    """How many threads cast rays: as many as this process may use processors, 8 at most."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 8)


def gpu_name() -> str:
    """Return the name of a graphics card that VTK can draw with; empty where there is none."""
    if os.name == "posix" and Path("/dev").is_dir() and not any(Path(name).exists() for name in GPU_FILES):
        return ""
    window = _hidden_window()
    window.Render()
    said = re.search(r"OpenGL renderer string:\s*(.+)", window.ReportCapabilities() or "")
    name = said.group(1).strip() if said else ""
    return "" if any(word in name.lower() for word in SOFTWARE) else name


class Scene:
    """One volume ready to be drawn, by the graphics card with ``gpu``, else by the processor."""

    def __init__(self, copy: Copy, slope: float, intercept: float, *, gpu: bool = False) -> None:
        vtkObject.GlobalWarningDisplayOff()
        self._slope, self._intercept, self._gpu = slope, intercept, gpu
        self._step_mm = float(np.cbrt(copy.grid.voxel_mm3))
        self._kept = np.ascontiguousarray(copy.voxels)  # VTK looks at this very memory
        self._transfer: Transfer | None = None
        self._mapper = _card() if gpu else _processor()
        self._mapper.SetAutoAdjustSampleDistances(False)
        self._mapper.SetInputData(_image(self._kept, copy))
        self._property = vtkVolumeProperty()
        self._property.SetInterpolationTypeToLinear()
        self._volume = vtkVolume()
        self._volume.SetMapper(self._mapper)
        self._volume.SetProperty(self._property)
        self._volume.SetUserMatrix(_to_lps(copy))
        self._window = _hidden_window() if gpu else _no_window()
        self._renderer = _renderer(self._volume)
        self._window.AddRenderer(self._renderer)
        self._stop: Stop = _never
        self._window.AddObserver("AbortCheckEvent", self._look)

    def draw(self, wanted: Wanted, transfer: Transfer, level: int, stop: Stop | None = None) -> Pixels | None:
        """Return the picture as uint8 (height, width, 4): blue, green, red, 255; None where ``stop`` said so."""
        self._stop = stop or _never
        self._window.SetAbortRender(0)
        self._window.SetSize(wanted.width_px, wanted.height_px)
        self._mapper.SetSampleDistance(STEPS[level] * self._step_mm)
        self._use(transfer)
        self._cut(wanted)
        self._look_from(wanted)
        picture = self._by_card(wanted, transfer) if self._gpu else self._by_processor(wanted, transfer)
        return None if self._window.GetAbortRender() else picture

    def _look(self, *_event: object) -> None:
        if self._stop():
            self._window.SetAbortRender(1)

    def _use(self, transfer: Transfer) -> None:
        """Hand the transfer function over where it is another: VTK builds its tables anew each time."""
        if transfer == self._transfer:
            return
        self._transfer = transfer
        colours, opacity = vtkColorTransferFunction(), vtkPiecewiseFunction()
        for node in transfer.nodes:
            stored = (node.value - self._intercept) / self._slope
            colours.AddRGBPoint(stored, *node.colour)
            opacity.AddPoint(stored, node.opacity)
        self._property.SetColor(colours)
        self._property.SetScalarOpacity(opacity)
        self._property.SetShade(int(transfer.shaded))
        ambient, diffuse, specular, power = transfer.light
        self._property.SetAmbient(ambient)
        self._property.SetDiffuse(diffuse)
        self._property.SetSpecular(specular)
        self._property.SetSpecularPower(power)
        brightest = transfer.blend == "brightest"
        (self._mapper.SetBlendModeToMaximumIntensity if brightest else self._mapper.SetBlendModeToComposite)()

    def _cut(self, wanted: Wanted) -> None:
        self._mapper.RemoveAllClippingPlanes()
        for cut in wanted.cuts:
            plane = vtkPlane()
            plane.SetOrigin(*cut.point_lps_mm)
            plane.SetNormal(*(-part for part in cut.away))
            self._mapper.AddClippingPlane(plane)

    def _look_from(self, wanted: Wanted) -> None:
        camera, seen = self._renderer.GetActiveCamera(), wanted.camera
        _right, up, toward = seen.axes
        camera.SetParallelProjection(True)
        camera.SetFocalPoint(*seen.center_lps_mm)
        camera.SetPosition(*(c + AWAY_MM * t for c, t in zip(seen.center_lps_mm, toward, strict=True)))
        camera.SetViewUp(*up)
        camera.SetParallelScale(seen.mm_per_px(wanted.width_px, wanted.height_px) * wanted.height_px / 2.0)
        self._renderer.ResetCameraClippingRange()
        self._renderer.UpdateLightsGeometryToFollowCamera()

    def _by_card(self, wanted: Wanted, transfer: Transfer) -> Pixels:
        self._renderer.SetBackground(*transfer.background)
        self._window.Render()
        drawn = vtkUnsignedCharArray()
        self._window.GetPixelData(0, 0, wanted.width_px - 1, wanted.height_px - 1, 0, drawn, 0)
        rgb = _support.vtk_to_numpy(drawn).reshape(wanted.height_px, wanted.width_px, 3)
        picture = np.full((wanted.height_px, wanted.width_px, 4), 255, np.uint8)
        picture[..., :3] = rgb[::-1, :, ::-1]
        return picture

    def _by_processor(self, wanted: Wanted, transfer: Transfer) -> Pixels:
        """Ask the mapper step by step what its Render does, but for the last one, which would need OpenGL."""
        nothing = [0.0, 0.0, 0.0]
        self._mapper.PerImageInitialization(self._renderer, self._volume, 0, nothing, nothing, [0] * 6)
        self._mapper.PerVolumeInitialization(self._renderer, self._volume)
        self._mapper.PerSubVolumeInitialization(self._renderer, self._volume, 0)
        self._mapper.RenderSubVolume()
        background = np.rint(np.array(transfer.background[::-1]) * 255.0).astype(np.uint8)
        picture = np.full((wanted.height_px, wanted.width_px, 4), 255, np.uint8)
        picture[..., :3] = background
        part, x, y = self._cast()
        if part.size:
            room = picture[::-1][y : y + part.shape[0], x : x + part.shape[1], :3]
            part = part[: room.shape[0], : room.shape[1]]
            room[...] = part[..., 2::-1]
            if background.any():
                room += (background * (255 - part[..., 3:].astype(np.uint16)) // 255).astype(np.uint8)
        return picture

    def _cast(self) -> tuple[Pixels, int, int]:
        """Return the part of the picture that rays went through: rows from below, RGBA, and its left and lower end.

        VTK holds it as 15 bits a channel in memory that Python may only know the address of.
        """
        image = self._mapper.GetRayCastImage()
        wide, high = image.GetImageMemorySize()
        used_wide, used_high = image.GetImageInUseSize()
        x, y = image.GetImageOrigin()
        at = _PLACE.match(image.GetImage())
        if at is None or not wide * high:
            return np.zeros((0, 0, 4), np.uint8), 0, 0
        memory = (ctypes.c_uint16 * (wide * high * 4)).from_address(int(at.group(1), 16))
        cast = np.ctypeslib.as_array(memory).reshape(high, wide, 4)[:used_high, :used_wide]
        return (cast >> 7).astype(np.uint8), x, y


def _never() -> bool:
    return False


def _card() -> Any:
    return vtkOpenGLGPUVolumeRayCastMapper()


def _processor() -> Any:
    mapper: Any = vtkFixedPointVolumeRayCastMapper()
    mapper.SetNumberOfThreads(threads())
    mapper.SetImageSampleDistance(1.0)
    mapper.SetIntermixIntersectingGeometry(False)  # there is none, and it would ask for a depth buffer
    return mapper


def _no_window() -> Any:
    """A window that is never made: it only tells sizes and asks whether to stop."""
    return vtkGenericOpenGLRenderWindow()


def _hidden_window() -> Any:
    window: Any = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    return window


def _renderer(volume: vtkVolume) -> vtkRenderer:
    renderer, light = vtkRenderer(), vtkLight()
    light.SetLightTypeToHeadlight()
    renderer.SetAutomaticLightCreation(False)
    renderer.AddLight(light)
    renderer.AddVolume(volume)
    return renderer


def _image(voxels: NDArray[np.int16], copy: Copy) -> vtkImageData:
    k, j, i = copy.grid.shape_kji
    image = vtkImageData()
    image.SetDimensions(i, j, k)
    image.SetSpacing(*copy.grid.spacing_kji_mm[::-1])
    image.GetPointData().SetScalars(_support.numpy_to_vtk(voxels.reshape(-1), deep=0))
    return image


def _to_lps(copy: Copy) -> vtkMatrix4x4:
    """From millimetres along i, j, k to LPS."""
    matrix = vtkMatrix4x4()
    for row in range(3):
        for column, axis in enumerate(copy.grid.axes_kji_lps[::-1]):
            matrix.SetElement(row, column, axis[row])
        matrix.SetElement(row, 3, copy.grid.origin_lps_mm[row])
    return matrix
