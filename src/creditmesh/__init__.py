"""creditmesh: a node of the network of financing credit service platforms."""
