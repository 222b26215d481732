"""The program without a window: the session with its verbs, what is saved, settings and the audit trail."""
