"""Operations: alarms and their topic, dashboard, budget, web application firewall."""
