"""From files to numbers: tables read, scores, statistics, words."""
