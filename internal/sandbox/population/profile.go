package population

import (
	"fmt"
	"strconv"
	"strings"
)

// departments and titles are as long as such words are.
var (
	departments = []string{"Engineering", "Customer Support", "Sales", "Finance", "People Operations", "Legal", "Marketing"}
	titles      = []string{"Senior Software Engineer", "Support Specialist", "Account Executive", "Accountant", "Business Partner", "Counsel"}
	cities      = []string{"Amsterdam", "Seattle", "Bengaluru", "Gothenburg", "Toronto"}
)

// profile is a user's profile with the attributes that Okta has by itself and a
// few of the company's own: with them a user is as many bytes on the wire as
// in a real organisation, about 2.9 KB.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/
func profile(i int) map[string]any {
	first, last := fmt.Sprintf("Given%05d", i), fmt.Sprintf("Family%05d", i)
	name := login(i)
	p := map[string]any{
		"login": name, "email": name, "secondEmail": fmt.Sprintf("private.%05d@mail.example", i),
		"firstName": first, "lastName": last, "middleName": "Middle", "displayName": first + " " + last, "nickName": first,
		"honorificPrefix": "Dr.", "honorificSuffix": "PhD", "profileUrl": "https://people.population.example/" + name,
		"employeeNumber": EmployeeID(i), "costCenter": fmt.Sprintf("CC-%04d", i%300), "organization": "Population Example Holding",
		"division": "Operating Companies", "department": departments[i%len(departments)], "title": titles[i%len(titles)],
		"managerId": EmployeeID(i / 8), "manager": login(i / 8), "userType": "employee",
		"primaryPhone": fmt.Sprintf("+31 20 555 %04d", i%10000), "mobilePhone": fmt.Sprintf("+31 6 5550 %04d", i%10000),
		"streetAddress": fmt.Sprintf("%d Quay Street, Floor %d", i%500, i%9), "city": cities[i%len(cities)], "state": "Province",
		"zipCode": fmt.Sprintf("%05d", i), "countryCode": "NL", "postalAddress": "P.O. Box 12345, Central Post Office",
		"preferredLanguage": "en", "locale": "en_US", "timezone": "Europe/Amsterdam",
	}
	for n := range 10 {
		p[fmt.Sprintf("populationAttribute%02d", n)] = fmt.Sprintf("a value of the company's own, such as directories bring along, number %05d", i)
	}
	return p
}

// login is by which the i-th person signs in, everywhere.
func login(i int) string { return fmt.Sprintf("person.%05d@population.example", i) }

// EmployeeID is by which HR knows the i-th person.
func EmployeeID(i int) string { return fmt.Sprintf("E%06d", i) }

// loginOf is the login of an employee id.
func loginOf(employee string) string {
	i, err := strconv.Atoi(strings.TrimPrefix(employee, "E"))
	if err != nil {
		return "" // nobody's
	}
	return login(i)
}
