"""Request fields of a flight."""

from bundle import Field

CODE_FIELDS = ("carrier", "origin", "destination")
TIME_FIELDS = ("scheduled_departure", "scheduled_arrival")
WEATHER = ("temperature", "wind_speed", "precipitation", "visibility", "humidity", "pressure")
INBOUND_DELAY = ("inbound_delay",)
# Minutes before the scheduled departure at which the delay of the inbound aircraft is known.
KNOWN_BEFORE = 60
_AT_ORIGIN = "at the origin in the hour of scheduled departure, observed or forecast"

FIELDS = (
    Field(
        name="carrier",
        type="string",
        pattern="^[A-Z0-9]{2}$",
        description="IATA code of the airline.",
        example="B6",
    ),
    Field(
        name="flight_date",
        type="date",
        # The first month of the reporting of on-time performance by US airlines.
        earliest="1987-10-01",
        description="Day of scheduled departure, local to the origin.",
        example="2013-12-20",
    ),
    Field(
        name="origin",
        type="string",
        pattern="^[A-Z]{3}$",
        description="IATA code of the airport of departure.",
        example="JFK",
    ),
    Field(
        name="destination",
        type="string",
        pattern="^[A-Z]{3}$",
        differs_from="origin",
        description="IATA code of the airport of arrival.",
        example="SFO",
    ),
    Field(
        name="scheduled_departure",
        type="time",
        description="Scheduled departure, local to the origin.",
        example="17:45",
    ),
    Field(
        name="scheduled_arrival",
        type="time",
        required=False,
        description="Scheduled arrival, local to the destination.",
        example="21:25",
    ),
    Field(
        name="distance",
        type="number",
        required=False,
        minimum=1,
        maximum=12_500,
        unit="miles",
        description="Distance between the airports.",
        example=2586,
    ),
    Field(
        name="departure_delay",
        type="number",
        required=False,
        minimum=-180,
        maximum=4_320,
        unit="minutes",
        description="Departure after its schedule, negative when early; leave it out until it is known.",
        example=12,
    ),
    Field(
        name="inbound_delay",
        type="number",
        required=False,
        minimum=-180,
        maximum=4_320,
        unit="minutes",
        description=f"Delay of the aircraft's flight to the origin, as known {KNOWN_BEFORE} minutes before "
        "the scheduled departure: that of its arrival, or of its departure while it is in the air.",
        example=35,
    ),
    Field(
        name="temperature",
        type="number",
        required=False,
        minimum=-100,
        maximum=150,
        unit="degrees Fahrenheit",
        description=f"Temperature {_AT_ORIGIN}.",
        example=39.9,
    ),
    Field(
        name="wind_speed",
        type="number",
        required=False,
        minimum=0,
        maximum=200,
        unit="miles per hour",
        description=f"Wind speed {_AT_ORIGIN}.",
        example=11.5,
    ),
    Field(
        name="precipitation",
        type="number",
        required=False,
        minimum=0,
        maximum=20,
        unit="inches in the hour",
        description=f"Precipitation {_AT_ORIGIN}.",
        example=0.02,
    ),
    Field(
        name="visibility",
        type="number",
        required=False,
        minimum=0,
        maximum=100,
        unit="miles",
        description=f"Visibility {_AT_ORIGIN}.",
        example=6,
    ),
    Field(
        name="humidity",
        type="number",
        required=False,
        minimum=0,
        maximum=100,
        unit="percent",
        description=f"Relative humidity {_AT_ORIGIN}.",
        example=87,
    ),
    Field(
        name="pressure",
        type="number",
        required=False,
        minimum=800,
        maximum=1_100,
        unit="millibars",
        description=f"Air pressure {_AT_ORIGIN}, at sea level.",
        example=1009.5,
    ),
)
