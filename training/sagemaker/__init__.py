"""Training on SageMaker: the program its container runs, and what starts such a job and brings its bundle."""
