"""The same steps on a cluster: Apache Spark reads the files of the lake and gives DuckDB's results bit for bit."""
