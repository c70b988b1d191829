package company

// firstNames and lastNames make the names of everybody without a part.
var firstNames = []string{
	"Aisha", "Bram", "Carla", "Daan", "Emma", "Felix", "Greta", "Hugo", "Ines", "Jasper", "Kira", "Lucas", "Maya", "Niels", "Olivia",
	"Pavel", "Quinn", "Rania", "Stefan", "Tessa", "Umar", "Vera", "Wouter", "Ximena", "Yara", "Zoltan", "Amelie", "Bogdan", "Camille",
	"David", "Eva", "Finn", "Gina", "Hassan", "Iris", "Johan", "Katrin", "Leo", "Marta", "Nadia", "Otto",
}

var lastNames = []string{
	"Albers", "Bianchi", "Clarke", "Dubois", "Eriksen", "Ferreira", "Garcia", "Hoekstra", "Ivanova", "Jensen", "Kowalski", "Lambert",
	"Meijer", "Novak", "Olsen", "Peeters", "Quist", "Rossi", "Smit", "Torres", "Ueda", "Vermeer", "Weber", "Xu", "Yilmaz", "Zeman",
	"Ahmed", "Brandt", "Costa", "Diallo", "Evans", "Fontaine", "Gruber", "Hansen", "Ito", "Janssen", "Kelly", "Larsen", "Mulder", "Nagy",
	"Ortiz", "Popescu", "Rahman", "Silva", "Tamm", "Vogel", "Wolf",
}
