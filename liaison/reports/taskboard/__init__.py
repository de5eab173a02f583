"""十项任务: what a station is to do each month, quarter and year; done, due and missed are worked out from the records."""
