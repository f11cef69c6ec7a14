"""What a Lambda function needs beside the predictor: the bundle from S3 and its reload."""
