package main

func Example() {
	main()
	// Output:
	// baseline    459275 customer-hours off supply (95 % Monte Carlo interval 440958 to 477591)
	// mp134a      386932 customer-hours off supply (95 % Monte Carlo interval 370404 to 403460)
	// mp185          522 customer-hours off supply (95 % Monte Carlo interval 458 to 585)
}
