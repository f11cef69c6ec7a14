"""A CSV file with every unusual value of the sources, and the expected counts of dropped rows."""

HEADER = (
    "FL_DATE,OP_CARRIER,OP_CARRIER_FL_NUM,ORIGIN,DEST,CRS_DEP_TIME,DEP_DELAY,CRS_ARR_TIME,ARR_DELAY,"
    "CANCELLED,DIVERTED,DISTANCE"
)
# Times: without leading zeros, as floats, midnight, invalid, absent. Codes that resemble missing values.
# Delays: absent, or numbers for some engines only. Dates: every format, and invalid dates. Spaces.
# Repeated flights.
ROWS = """\
2018-01-01,AA,27,LAX,LAX ,900,0,1200,16,0,0,10
1987-09-30,AA,28,LAX,PBI,900,0,1200,16,0,0,10
2018-01-01,AA,1,LAX,PBI,10,-8.0,750,-9.0,0.0,0.0,2330.0
2018-01-01,NA,2,NAN,NUL,0005,0,2400,15,0,0,100
2018-01-01,AA,3,LAX,PBI,2400,0.0,2359,14.9,0.0,0.0,1
2018-01-01,AA,4,LAX,PBI,545.0,NaN,NA,16,,,
2018-01-01,AA,5,LAX,PBI,1260,0,1260,16,0,0,10
2018-01-01,AA,6,LAX,PBI,2401,0,1200,16,0,0,10
2018-01-01,AA,7,LAX,PBI,,0,1200,16,0,0,10
2018-01-01,AA,8,LAX,PBI,abc,0,1200,16,0,0,10
2018-01-01,AA,9,LAX,PBI,900,0,1200,,1.0,0.0,10
2018-01-01,AA,10,LAX,PBI,900,0,1200,,0.0,1.0,10
2018-01-01,AA,11,LAX,PBI,900,0,1200,,0.0,0.0,10
2018-01-01,AA,12,LAX,PBI,900,0,1200,NaN,0.0,0.0,10
2018-01-01,AA,13,LAX,PBI,900,0,1200,inf,0.0,0.0,10
2018-01-01,AA,14,LAX,PBI,900,0,1200, 16 ,0.0,0.0, 10
2018-01-01 00:00:00,AA,15,LAX,PBI,900,0,1200,16,0,0,10
1/2/2018,AA,16,LAX,PBI,900,0,1200,16,0,0,10
11/12/2018 12:00:00 AM,AA,16,LAX,PBI,900,0,1200,16,0,0,10
2018-02-30,AA,17,LAX,PBI,900,0,1200,16,0,0,10
2018,AA,17,LAX,PBI,900,0,1200,16,0,0,10
2018/01/02,AA,17,LAX,PBI,900,0,1200,16,0,0,10
,AA,18,LAX,PBI,900,0,1200,16,0,0,10
2018-01-01,,19,LAX,PBI,900,0,1200,16,0,0,10
2018-01-01,"AA",20," LAX",PBI,900,0,1200,1e1,0,0,10
2018-01-01,AA,21,LAX,PBI,-5,0,1200,16,0,0,10
2018-01-01,AA,22,LAX,PBI,12.5,0,1200,16,0,0,10
2018-01-01,AA,23,LAX,PBI,900,5d,1200,1_6,0,0,10
2018-01-01,AA,24,LAX,PBI,900,5f,1200,0x10,0,0,10
2018-01-01,AA,25,LAX,,900,5,99999999999,16,0,0,10
2018-01-01,AA,26,LAX,PBI,900,5f,99999999999,-15,0,0,99999
2018-01-01,AA,1,LAX,PBI,10,-8.0,750,-9.0,0.0,0.0,2330.0
2018-01-01,AA,1,LAX,PBI,11,0,750,99,0.0,0.0,2330.0
2018-01-01,AA,,LAX,PBI,10,1,750,99,0.0,0.0,2330.0
2018-01-01,AA,,LAX,PBI,10,1,750,-99,0.0,0.0,2330.0
"""
QUIRKS = f"{HEADER}\n{ROWS}"

DROPPED = {
    "cancelled": 1,
    "diverted": 1,
    "without an arrival delay": 5,
    "without a readable date": 3,
    "without a readable scheduled departure": 6,
    "outside the days of the model's field": 1,
    "to the airport of departure": 1,
    "without a carrier, origin or destination of the usual form": 2,
    "repeated (same date, carrier, number, origin and destination)": 2,
}
