"""The recorded passes as a workbook in which every number is a formula of the leaves."""
