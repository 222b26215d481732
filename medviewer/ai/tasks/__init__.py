"""What networks are asked to do, one file each; found by ``discover`` under the name a bundle's ``task`` says."""
