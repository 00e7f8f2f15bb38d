"""Values the whole field agrees on: identifiers, regions, money, periods, working days, grades."""
