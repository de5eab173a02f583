"""上级的表: a blank workbook of a superior, whose cells are filled with figures, with a sheet that says where each is from."""
