"""The API as a Postman collection: requests that work, requests that are refused, and what must come back."""
