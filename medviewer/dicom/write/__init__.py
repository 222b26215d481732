"""Writing DICOM: images, structured reports, segmentations; source files are never touched."""
