"""What is watched: outside texts, what was heard lately, alarms on topics, figures over time."""
