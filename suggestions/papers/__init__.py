"""公文: the papers of an order, as PDF and as a Word document that an office edits further.

`kinds` says which papers there are and who may print them, `placeholders` what may stand in a template, `contents` what
stands in a paper, `models` which were issued under which number and which templates an area uses.
"""
