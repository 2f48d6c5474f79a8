"""Writes the weights of pytorch-fid's Inception network as safetensors, for `--inception-weights`.

Run with torch and safetensors installed:
  python3 scripts/inception-weights.py pt_inception-2015-12-05-6726825d.pth inception.safetensors
The .pth file is the one pytorch-fid downloads (release "fid_weights" of github.com/mseitzer/pytorch-fid).
"""

import sys

import torch
from safetensors.torch import save_file

if len(sys.argv) != 3:
    sys.exit(__doc__)
source, target = sys.argv[1:]
state = torch.load(source, map_location="cpu", weights_only=True)
weights = {name: tensor.float().contiguous() for name, tensor in state.items() if ".conv." in name or ".bn." in name and tensor.ndim == 1}
save_file(weights, target, metadata={"source": source.split("/")[-1]})
print(f"{target}: {len(weights)} tensors")
