"""The flight delay model with few trees and without slices, for short training and evaluation."""

from dataclasses import replace

from bundle import Columns
from training.fit_plan import Plan
from training.fitting.calibrated_pipeline import CalibratedPipeline
from training.models import flight_delay


def pipeline(columns: Columns, plan: Plan) -> CalibratedPipeline:
    return flight_delay.pipeline(columns, replace(plan, parameters={"n_estimators": 10}))


MODEL = replace(flight_delay.MODEL, pipeline=pipeline, slices=(), card=None)
