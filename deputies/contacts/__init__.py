"""联系: who keeps in touch with whom (双联), each contact made, and where contacts are missing."""
