"""A customer of the telephone company, as its users send it: a row that the model predicts to stay."""

import json

CUSTOMER = json.loads("""{
    "State": "PA", "Account Length": "163", "Area Code": "806", "Phone": "403-2562", "Int'l Plan": "no",
    "VMail Plan": "yes", "VMail Message": "300", "Day Mins": "8.162204", "Day Calls": "3",
    "Day Charge": "7.579174", "Eve Mins": "3.933035", "Eve Calls": "4", "Eve Charge": "6.508639",
    "Night Mins": "4.065759", "Night Calls": "100", "Night Charge": "5.111624", "Intl Mins": "4.92816",
    "Intl Calls": "6", "Intl Charge": "5.673203", "CustServ Calls": "3"
}""")
