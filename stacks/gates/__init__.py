"""Validations of every synth: cdk-nag, the project's rules on templates, and the accepted findings."""
