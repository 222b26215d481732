"""Where a network looked: Grad-CAM (Selvaraju 2017, doi:10.1109/ICCV.2017.74) by captum, of the last picture in it.

Of a net that outlines, the answer explained is the summed logit inside an outline (as in Seg-Grad-CAM, Vinogradova
2020, doi:10.1609/aaai.v34i10.7244); of a classifier, one of its outputs.

Grad-CAM and not integrated gradients: those followed the edges of the image and the outline asked about, whatever the
weights were (Adebayo 2018, doi:10.48550/arXiv.1810.03292). On 24 slices of LIDC-IDRI's val split and a 2-D U-Net a
map of absolute integrated gradients had a mean rank correlation of 0.89 with that of random weights, Grad-CAM of 0.11.

captum is imported when the first map is asked for (0.9 s: it brings matplotlib), in the engine's process only.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import interpolate

from medviewer.core.problem import Problem
from medviewer.i18n import _

METHOD = "Grad-CAM"


def grad_cam(net: nn.Module, inputs: Tensor, inside: Tensor | None = None, output: int = 0) -> NDArray[np.float32]:
    """Return what spoke for an answer, float32 (n, h, w), 0 where nothing did, for network input (n, c, h, w).

    The answer is the sum of the logits ``output`` (n, outputs, h, w) where ``inside``, bool (n, h, w), or logit
    ``output`` of a classifier's (n, outputs). The net must be float32 and is not changed.
    """
    from captum.attr import LayerGradCam

    def answer(pictures: Tensor) -> Tensor:
        logits: Tensor = net(pictures)[:, output]
        return logits if inside is None else (logits * inside.to(logits)).sum((1, 2))

    with torch.enable_grad():
        layer = last_picture(net, inputs)
        found: Tensor = LayerGradCam(answer, layer).attribute(inputs, relu_attributions=True)
    wide = interpolate(found.detach().float(), inputs.shape[2:], mode="bilinear", align_corners=False)
    maps: NDArray[np.float32] = wide[:, 0].cpu().numpy()
    return maps


def last_picture(net: nn.Module, inputs: Tensor) -> nn.Module:
    """Return the module whose output is the last picture of several channels before the net's answer."""
    seen: list[tuple[nn.Module, Tensor]] = []

    def note(module: nn.Module, _given: Any, answer: Any) -> None:
        if isinstance(answer, Tensor) and answer.dim() == 4 and answer.shape[1] > 1 and min(answer.shape[2:]) > 1:
            seen.append((module, answer))

    hooks = [module.register_forward_hook(note) for module in net.modules() if module is not net]
    try:
        with torch.no_grad():
            final = net(inputs[:1])
    finally:
        for hook in hooks:
            hook.remove()
    before = [module for module, answer in seen if answer is not final]
    if not before:
        raise Problem(_("There is no heat map of this finding: how the model came to it cannot be seen."))
    return before[-1]
