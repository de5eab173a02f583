"""就近从便、混合编组: a proposal which mandate belongs to which station, adjusted by staff, applied on a day."""
