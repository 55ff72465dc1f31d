"""The same decisions on other stream processors, each written as its documentation shows; processes of their own."""
