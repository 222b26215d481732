"""Where images come from besides plain folders: archives, discs with a directory, files that are no DICOM."""
