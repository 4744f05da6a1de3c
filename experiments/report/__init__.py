"""The report: pages made from result folders."""
