"""AWS budget with notifications by mail."""

from aws_cdk import aws_budgets as budgets
from constructs import Construct

# Threshold in per cent of the budget -> type of the notification.
_NOTIFICATIONS = {80: "ACTUAL", 100: "FORECASTED"}


class Budget(Construct):
    """Monthly budget of the whole account, because AWS does not split costs by stack by default.

    https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
    """

    def __init__(self, scope: Construct, id: str, *, dollars: float, email: str) -> None:
        super().__init__(scope, id)
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=dollars, unit="USD"),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        notification_type=kind,
                        comparison_operator="GREATER_THAN",
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[
                        budgets.CfnBudget.SubscriberProperty(address=email, subscription_type="EMAIL")
                    ],
                )
                for percent, kind in _NOTIFICATIONS.items()
            ],
        )
